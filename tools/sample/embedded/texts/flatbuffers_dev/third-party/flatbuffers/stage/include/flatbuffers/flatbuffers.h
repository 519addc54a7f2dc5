#ifndef FLATBUFFERS_H
#define FLATBUFFERS_H
#ifdef __cplusplus
extern "C" {
#endif
int flatbuffers_number(void);
int flatbuffers_total(void);
#ifdef __cplusplus
}
#endif
#endif
