#ifndef HIPDNN_HIPDNN_BACKEND_H
#define HIPDNN_HIPDNN_BACKEND_H
#ifdef __cplusplus
extern "C" {
#endif
int hipdnn_backend_number(void);
int hipdnn_backend_total(void);
#ifdef __cplusplus
}
#endif
#endif
