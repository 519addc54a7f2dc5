/* Starts another program, given by its path relative to the directory of this one: what a symbolic link does where
   a wheel cannot hold one. Arguments (argv[0] too) and environment stay as they are; exit status 127 and a line on
   stderr when the program cannot be started, as in a shell.

   Freestanding, so that it starts with any C library or none. The command that makes the template of it is
   `sh make_exe_stub OUTPUT`; tools/elf/stub.py writes the path into the room that `target` leaves. */

enum { READ_LINK = 89, EXECUTE = 59, EXIT = 60, WRITE = 1 }; /* x86-64 system calls */
enum { NO_ENTRY = 2, ACCESS = 13, NAME_TOO_LONG = 36 };      /* errno */
enum { PATH_SIZE = 4096 };                                   /* PATH_MAX, the end mark included */

/* In assembly, so that the compiler cannot draw conclusions from what stands there now. */
extern const char target[PATH_SIZE];
__asm__(".section .rodata\ntarget:\n\t.asciz \"the path goes here\"\n\t.org target + 4096\n\t.text\n");

static long call(long number, const void *first, const void *second, long third)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(first), "S"(second), "d"(third)
                     : "rcx", "r11", "memory");
    return result;
}

static void say(const char *text)
{
    long length = 0;
    while (text[length])
        length++;
    call(WRITE, (const void *)2, text, length);
}

static const char *reason(long error)
{
    switch (error) {
    case NO_ENTRY:
        return "No such file or directory\n";
    case ACCESS:
        return "Permission denied\n";
    case NAME_TOO_LONG:
        return "File name too long\n";
    default:
        return "cannot be executed\n";
    }
}

static void fail(const char *path, long error)
{
    say(path);
    say(": ");
    say(reason(error));
    call(EXIT, (const void *)127, 0, 0);
}

/* Cuts the last name off the path of the given length; returns the length that is left, the slash included. */
static long parent(const char *path, long length)
{
    while (length > 1 && path[length - 1] == '/')
        length--;
    while (length && path[length - 1] != '/')
        length--;
    return length;
}

__attribute__((noreturn, used)) void start(long *stack)
{
    static const char self[] = "/proc/self/exe";
    char path[2 * PATH_SIZE];
    char **arguments = (char **)(stack + 1);
    char **environment = arguments + stack[0] + 1;
    long from = 0, to = call(READ_LINK, self, path, PATH_SIZE);

    if (to < 0)
        fail(self, -to);
    to = parent(path, to);
    /* The directory is the real one, so that leading ".." can be taken off here: a shorter, cleaner path. */
    for (; target[from] == '.' && target[from + 1] == '.' && target[from + 2] == '/'; from += 3)
        to = parent(path, to);
    while (from < PATH_SIZE && (path[to++] = target[from++]))
        ;
    fail(path, -call(EXECUTE, path, arguments, (long)environment));
    __builtin_unreachable();
}

/* The kernel enters with the stack pointer at argc. */
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start\n");
