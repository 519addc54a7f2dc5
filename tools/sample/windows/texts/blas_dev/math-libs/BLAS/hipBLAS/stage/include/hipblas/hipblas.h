#pragma once
/* hipblas */
