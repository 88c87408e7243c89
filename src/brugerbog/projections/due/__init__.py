"""What falls due when, to be recorded by the worker?"""
