#ifndef HIPCUB_HIPCUB_HPP
#define HIPCUB_HIPCUB_HPP
#include <rocprim/rocprim.hpp>
#endif
