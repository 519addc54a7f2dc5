#ifndef HIP_HIPRTC_H
#define HIP_HIPRTC_H
#ifdef __cplusplus
extern "C" {
#endif
int hiprtc_number(void);
int hiprtc_total(void);
#ifdef __cplusplus
}
#endif
#endif
