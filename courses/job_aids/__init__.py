"""岗位工具: cards, sheets and forms as pages to fill in and as one page to print."""
