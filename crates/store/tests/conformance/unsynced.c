/* A disk that loses what was not synced: after each fsync or fdatasync of a file in UNSYNCED_DIR its content is copied into
 * UNSYNCED_SHADOW, as a whole or not at all. What is there after a crash is what a power cut may leave. With UNSYNCED_IGNORE
 * syncing does nothing, which shows that the layer sees it. Loaded by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void fail(const char *what) {
    perror(what);
    abort();
}

static void keep(int fd) {
    const char *dir = getenv("UNSYNCED_DIR"), *shadow = getenv("UNSYNCED_SHADOW");
    char link[64], path[PATH_MAX], part[PATH_MAX + 16], whole[PATH_MAX];
    if (!dir || !shadow || getenv("UNSYNCED_IGNORE")) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    if (strncmp(path, dir, strlen(dir)) || path[strlen(dir)] != '/') return;
    snprintf(whole, sizeof whole, "%s%s", shadow, path + strlen(dir));
    snprintf(part, sizeof part, "%s.part", whole);
    pthread_mutex_lock(&turn);
    int from = open(path, O_RDONLY | O_CLOEXEC), to = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (from < 0 || to < 0) fail(path);
    char bytes[1 << 16];
    ssize_t count;
    while ((count = read(from, bytes, sizeof bytes)) > 0)
        if (write(to, bytes, count) != count) fail(part);
    if (count < 0 || close(to) || close(from) || rename(part, whole)) fail(whole);
    pthread_mutex_unlock(&turn);
}

int fdatasync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int result = real(fd);
    if (!result) keep(fd);
    return result;
}

int fsync(int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int result = real(fd);
    if (!result) keep(fd);
    return result;
}
