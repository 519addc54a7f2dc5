#pragma once
/* hipdnn */
