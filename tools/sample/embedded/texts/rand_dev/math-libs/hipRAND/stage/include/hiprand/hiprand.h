#ifndef HIPRAND_HIPRAND_H
#define HIPRAND_HIPRAND_H
#ifdef __cplusplus
extern "C" {
#endif
int hiprand_number(void);
int hiprand_total(void);
#ifdef __cplusplus
}
#endif
#endif
