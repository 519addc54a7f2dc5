#pragma once
/* rocblas */
