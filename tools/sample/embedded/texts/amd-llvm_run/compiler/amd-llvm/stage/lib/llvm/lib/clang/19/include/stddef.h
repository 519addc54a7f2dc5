#ifndef SAMPLE_STDDEF_H
#define SAMPLE_STDDEF_H
typedef __SIZE_TYPE__ size_t;
#endif
