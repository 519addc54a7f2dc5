#ifndef MIOPEN_MIOPEN_H
#define MIOPEN_MIOPEN_H
#ifdef __cplusplus
extern "C" {
#endif
int MIOpen_number(void);
int MIOpen_total(void);
#ifdef __cplusplus
}
#endif
#endif
