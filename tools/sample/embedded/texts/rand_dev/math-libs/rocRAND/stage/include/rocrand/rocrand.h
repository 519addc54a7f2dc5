#ifndef ROCRAND_ROCRAND_H
#define ROCRAND_ROCRAND_H
#ifdef __cplusplus
extern "C" {
#endif
int rocrand_number(void);
int rocrand_total(void);
#ifdef __cplusplus
}
#endif
#endif
