#ifndef SAMPLE_ZLIB_H
#define SAMPLE_ZLIB_H
#ifdef __cplusplus
extern "C" {
#endif
int rocm_sysdeps_z_number(void);
int rocm_sysdeps_z_total(void);
#ifdef __cplusplus
}
#endif
#endif
