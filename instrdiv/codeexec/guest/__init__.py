"""What runs inside of the sandbox: it gives up its rights, then runs a program and its tests."""
