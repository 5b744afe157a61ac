"""Two processes after a fork make, call and free closures of libffi at the same time, as many times as the argument says."""
import ctypes
import os
import sys

Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)


def made(count, add):
    return [Callback(lambda argument, index=index: argument + index + add) for index in range(count)]


def right(callbacks, add):
    return all(callback(1000) == 1000 + index + add for index, callback in enumerate(callbacks))


before = made(50, 0)
child = os.fork()
rounds = int(sys.argv[1])
add = 10_000 if child else 20_000
for index in range(rounds):
    # The two numbers differ, so that equal closures do not lie at equal addresses by chance.
    own = made(500 if child else 507 + index, add)
    if not right(own, add) or not right(before, 0):
        sys.exit("a closure of another process was called")
if child == 0:
    os._exit(0)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(f"{status == 0:d} passed, {status != 0:d} failed: the child ended with {status}")
sys.exit(0 if status == 0 else 1)
