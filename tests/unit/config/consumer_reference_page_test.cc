// docs/configuration.md says what the consumer's table says.
#include <gtest/gtest.h>

#include "consumer/config/config.h"
#include "tests/unit/config/reference_page.h"

namespace picket {
namespace {

TEST(ReferencePage, HasTheConsumersKeys) {
  ExpectBlock("consumer keys", KeyReference(ConsumerKeys()));
}

}  // namespace
}  // namespace picket
