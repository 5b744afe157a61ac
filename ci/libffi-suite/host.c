// host WORD... -- PROGRAM ARGUMENT...: starts a program on a host that forbids something, for ci/libffi --clients.
//
//   mdwe        no page becomes executable later, and none is both writable and executable (PR_SET_MDWE, Linux 6.3)
//   no-memfd    memfd_create fails
//   read-only   every file system is read-only, except /tmp, which is empty and noexec; needs root

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int no_memfd(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int read_only(void) {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return -1;
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes) != 0) return -1;
    return mount("tmpfs", "/tmp", "tmpfs", MS_NOEXEC | MS_NOSUID | MS_NODEV, NULL);
}

int main(int count, char **words) {
    int next = 1;
    for (; next < count && strcmp(words[next], "--") != 0; next++) {
        int failed = 1;
        errno = EINVAL;
        if (strcmp(words[next], "mdwe") == 0) failed = prctl(65 /* PR_SET_MDWE */, 1, 0, 0, 0);
        if (strcmp(words[next], "no-memfd") == 0) failed = no_memfd();
        if (strcmp(words[next], "read-only") == 0) failed = read_only();
        if (failed) {
            perror(words[next]);
            return 77;
        }
    }
    if (next + 1 >= count) return 2;
    execvp(words[next + 1], words + next + 1);
    perror(words[next + 1]);
    return 126;
}
