/* Says its name, where it lies, what the DLLs it was linked with add up to, and how it was called. No C runtime. */
__declspec(dllimport) void *GetStdHandle(unsigned long);
__declspec(dllimport) int WriteFile(void *, const void *, unsigned long, unsigned long *, void *);
__declspec(dllimport) unsigned long GetModuleFileNameA(void *, char *, unsigned long);
__declspec(dllimport) char *GetCommandLineA(void);
__declspec(dllimport) int lstrlenA(const char *);
__declspec(dllimport) void ExitProcess(unsigned int);

static char self[32768], digits[16];

static void say(const char *text) {
    unsigned long written;
    WriteFile(GetStdHandle(-11), text, lstrlenA(text), &written, 0);
}

static const char *decimal(int number) {
    char *place = digits + sizeof digits - 1;
    unsigned int rest = number < 0 ? -number : number;
    do
        *--place = '0' + rest % 10;
    while (rest /= 10);
    if (number < 0)
        *--place = '-';
    return place;
}

void mainCRTStartup(void) {
    GetModuleFileNameA(0, self, sizeof self);
    say(NAME " (ROCm sample) from ");
    say(self);
    say(", total ");
    say(decimal(TOTAL));
    say(", called: ");
    say(GetCommandLineA());
    say("\n");
    ExitProcess(0);
}
