#ifndef ROCPRIM_ROCPRIM_HPP
#define ROCPRIM_ROCPRIM_HPP
#include "block/block_reduce.hpp"
#include "detail/various.hpp"
#include "device/device_scan.hpp"
#endif
