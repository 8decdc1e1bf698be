"""Daily's REST API: one router for each group of resources, request and response models, and middleware."""
