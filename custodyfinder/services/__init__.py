"""What people do: one public function is one transaction."""
