// docs/configuration.md and consumer.example.yaml say what the consumer's table says.
#include <gtest/gtest.h>

#include "consumer/config/config.h"
#include "settings/example.h"
#include "tests/unit/config/reference_page.h"

namespace picket {
namespace {

TEST(ReferencePage, HasTheConsumersKeys) {
  ExpectBlock("consumer keys", KeyReference(ConsumerKeys()));
}

TEST(Example, HasEveryKeyOfTheConsumersTable) {
  ExpectExample("consumer.example.yaml", KeyExample(ConsumerKeys(), {}));
}

}  // namespace
}  // namespace picket
