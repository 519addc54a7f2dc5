#pragma once
#include "hip_version.h"
int amdhip64_7_total(void);
