#ifndef ROCBLAS_ROCBLAS_H
#define ROCBLAS_ROCBLAS_H
#ifdef __cplusplus
extern "C" {
#endif
int rocblas_number(void);
int rocblas_total(void);
#ifdef __cplusplus
}
#endif
#endif
