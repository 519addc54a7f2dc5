#ifndef HIP_HIP_RUNTIME_H
#define HIP_HIP_RUNTIME_H
#ifdef __cplusplus
extern "C" {
#endif
int amdhip64_number(void);
int amdhip64_total(void);
#ifdef __cplusplus
}
#endif
#endif
