#pragma once
/* rocfft */
