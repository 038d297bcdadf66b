"""The rules, pure: no Flask, no database, no clock, no environment, no logging."""
