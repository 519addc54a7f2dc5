/* What uv.exe wants of bcryptprimitives.dll, which Wine before 9 lacks. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(void *, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(unsigned char *data, SIZE_T size)
{
    return SystemFunction036(data, (ULONG)size);
}
