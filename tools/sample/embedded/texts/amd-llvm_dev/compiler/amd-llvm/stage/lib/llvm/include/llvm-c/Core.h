#ifndef LLVM_C_CORE_H
#define LLVM_C_CORE_H
#ifdef __cplusplus
extern "C" {
#endif
int LLVM_number(void);
int LLVM_total(void);
#ifdef __cplusplus
}
#endif
#endif
