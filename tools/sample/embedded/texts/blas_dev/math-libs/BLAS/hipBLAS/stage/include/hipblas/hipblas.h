#ifndef HIPBLAS_HIPBLAS_H
#define HIPBLAS_HIPBLAS_H
#ifdef __cplusplus
extern "C" {
#endif
int hipblas_number(void);
int hipblas_total(void);
#ifdef __cplusplus
}
#endif
#endif
