#ifndef ROCFFT_ROCFFT_H
#define ROCFFT_ROCFFT_H
#ifdef __cplusplus
extern "C" {
#endif
int rocfft_number(void);
int rocfft_total(void);
#ifdef __cplusplus
}
#endif
#endif
