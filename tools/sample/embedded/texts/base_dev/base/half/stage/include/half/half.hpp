#ifndef HALF_HALF_HPP
#define HALF_HALF_HPP
typedef unsigned short half_sample;
#endif
