#ifndef HSA_HSA_H
#define HSA_HSA_H
#ifdef __cplusplus
extern "C" {
#endif
int hsa_runtime64_number(void);
int hsa_runtime64_total(void);
#ifdef __cplusplus
}
#endif
#endif
