/* A static program without libc: no interpreter, no dynamic section, exit code 0. */
void _start(void) {
#if defined(__x86_64__)
    __asm__ volatile("syscall" ::"a"(231), "D"(0)); /* exit_group */
#elif defined(__aarch64__)
    register long number __asm__("x8") = 94, code __asm__("x0") = 0; /* exit_group */
    __asm__ volatile("svc 0" ::"r"(number), "r"(code));
#else
#error "the sample's freestanding program knows x86-64 and AArch64"
#endif
    __builtin_unreachable();
}
