#ifndef AMD_COMGR_AMD_COMGR_H
#define AMD_COMGR_AMD_COMGR_H
#ifdef __cplusplus
extern "C" {
#endif
int amd_comgr_number(void);
int amd_comgr_total(void);
#ifdef __cplusplus
}
#endif
#endif
