#pragma once
/* rocrand */
