<?php

declare(strict_types=1);

namespace Orderguard;

/** The server did not confirm the order. Keep it and push it again: the same push again changes nothing. */
final class OrderNotPushed extends \RuntimeException
{
}
