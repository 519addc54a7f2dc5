#pragma once
/* miopen */
