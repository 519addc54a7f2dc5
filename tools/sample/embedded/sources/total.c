/* Says its name, where it lies and what the libraries it was linked with add up to. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char self[4096] = "";
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 2;
    const char *slash = strrchr(argv[0], '/');
    printf("%s (ROCm sample) called as %s from %s, total %d\n", NAME, slash ? slash + 1 : argv[0], self, TOTAL);
    for (int i = 1; i < argc; i++)
        printf("%s\n", argv[i]);
    return 0;
}
