int __stdcall _DllMainCRTStartup(void *module, unsigned long reason, void *reserved) { return 1; }
