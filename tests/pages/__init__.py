"""Every page in every state: looked at by machine here, and by people in what `make screenshots` writes."""
