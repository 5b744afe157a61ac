/* Runs a program for which no page becomes executable that was not so before (PR_SET_MDWE, Linux 6.3): mdwe PROGRAM ARGUMENT... */
#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count < 2 || prctl(65 /* PR_SET_MDWE */, 1, 0, 0, 0) != 0) return 77;
    execv(arguments[1], arguments + 1);
    return 126;
}
