#ifndef SAMPLE_CBLAS_H
#define SAMPLE_CBLAS_H
#ifdef __cplusplus
extern "C" {
#endif
int rocm_openblas_number(void);
int rocm_openblas_total(void);
#ifdef __cplusplus
}
#endif
#endif
