/* What a DLL that is opened by its name alone adds up to; a thousand less where it is not found. */
__declspec(dllimport) void *LoadLibraryA(const char *);
__declspec(dllimport) void *GetProcAddress(void *, const char *);

static int total_of(const char *name, const char *function) {
    void *library = LoadLibraryA(name);
    int (*total)(void) = library ? (int (*)(void))GetProcAddress(library, function) : 0;
    return total ? total() : -1000;
}
