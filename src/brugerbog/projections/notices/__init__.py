"""Which users ask to become anonymous, and wait for an answer?"""
