"""Long work: asked, begun, resumed, finished, given up; the daily passes are jobs as well."""
