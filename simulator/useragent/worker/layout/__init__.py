"""PJSIP's structures in memory as this build has them; `layout_check` compares them when a worker starts.

Fields at other offsets would make the worker read or overwrite other memory, so it does not start with another build.
"""
