/* python.exe: Py_Main of the python311.dll beside it; in a virtual environment it starts the one of its base. */
#include <stdio.h>
#include <windows.h>

#define SIZE 32768

static wchar_t self[SIZE], path[SIZE], home[SIZE], command[2 * SIZE];
static char line[SIZE], value[SIZE];

/* The base runs in a process of its own, and ends with this one. */
static int redirect(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL);
    const wchar_t *rest = GetCommandLineW();
    STARTUPINFOW start = {0};
    PROCESS_INFORMATION child;
    DWORD code = 102;

    rest += *rest == L'"' ? 1 + wcscspn(rest + 1, L"\"") + 1 : wcscspn(rest, L" \t");
    _snwprintf(path, SIZE, L"%ls\\python.exe", home);
    _snwprintf(command, 2 * SIZE, L"\"%ls\"%ls", path, rest);
    limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof limit);
    SetConsoleCtrlHandler(NULL, TRUE); /* Ctrl-C is the child's */
    SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", self);
    start.cb = sizeof start;
    if (!CreateProcessW(path, command, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &start, &child))
        return 101;
    AssignProcessToJobObject(job, child.hProcess);
    ResumeThread(child.hThread);
    WaitForSingleObject(child.hProcess, INFINITE);
    GetExitCodeProcess(child.hProcess, &code);
    return code;
}

int wmain(int argc, wchar_t **argv)
{
    HMODULE python;
    FILE *settings;

    GetModuleFileNameW(NULL, self, SIZE);
    wcscpy(path, self);
    wcscpy(wcsrchr(path, L'\\'), L"\\python311.dll");
    if ((python = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH)))
        return ((int (*)(int, wchar_t **))(void *)GetProcAddress(python, "Py_Main"))(argc, argv);
    wcscpy(wcsrchr(path, L'\\'), L"\\..\\pyvenv.cfg");
    if (!(settings = _wfopen(path, L"r")))
        return 103;
    while (fgets(line, SIZE, settings))
        if (sscanf(line, "home = %[^\r\n]", value) == 1 && MultiByteToWideChar(CP_UTF8, 0, value, -1, home, SIZE))
            return redirect();
    return 104;
}
