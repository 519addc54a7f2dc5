#ifndef ROCM_SMI_ROCM_SMI_H
#define ROCM_SMI_ROCM_SMI_H
#ifdef __cplusplus
extern "C" {
#endif
int rocm_smi64_number(void);
int rocm_smi64_total(void);
#ifdef __cplusplus
}
#endif
#endif
