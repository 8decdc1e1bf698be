"""Daily's REST API: the request models, and one router for each group of resources."""
