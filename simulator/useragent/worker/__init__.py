"""The worker process: one PJSIP endpoint with at most four calls, driven by commands from the parent.

Only worker processes import this package, because PJSIP aborts the whole process when it is misused.
"""
