"""Drawing, marks and grades as pure functions over exact fractions."""
